"""A pathway of one table and one row, as files."""

COLUMNS = """table,column,type,role,values,unknown_as,default,title_es,title_en
t,need,string,input,@needs,required,,Necesidad,Need
t,age,number,input,[0..120],0,,Edad,Age
t,criteria,list<string>,input,@criteria,[V01],,Criterios,Criteria
t,on,date,input,,,,,
t,level,string,output,P0;P1,,P1,Nivel,Level
t,source,string,annotation,,,,,
"""
HEADER = "id (P),need:string,age:number,criteria:list<string>,on:date,-> level:string,# source\n"
ROW = 'A,"""GBV.RAPE""",< 18,-,-,"""P0""",x\n'
